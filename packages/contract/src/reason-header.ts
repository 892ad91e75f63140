/** Carries a code for programs beside an error's sentence. Apart from the schemas, so that browsers do not load those. */
export const REASON_HEADER = 'x-sluice-reason';
