/** Of the server, as the API, the panel and the OpenAPI document show it. */
export const VERSION = '0.1.0';
