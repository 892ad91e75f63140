const KEY = 'sluice-reloaded-at';
/** A second failure so soon has another cause, and reloading again would go on for ever. */
const ONCE_IN_MS = 60_000;

/**
 * After an upgrade of the server, a page that was open asks for parts that are not there any more: their names change
 * with what is in them. Loading the page anew brings the new version; the address says where one was.
 */
export function reloadForNewVersion(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (Date.now() - Number(sessionStorage.getItem(KEY)) < ONCE_IN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
    event.preventDefault();
    location.reload();
  });
}
