/** Runs fn when the page has nothing else to do. Safari has no idle callbacks. */
export function whenIdle(fn: () => void): void {
	if ('requestIdleCallback' in window) requestIdleCallback(fn);
	else setTimeout(fn, 1000);
}
