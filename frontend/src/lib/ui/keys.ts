// Keys that act wherever one is, unless one is typing.

/** Is the key meant for a field or a sheet and not for the page? */
export function typing(event: KeyboardEvent): boolean {
	const at = event.target as HTMLElement | null;
	return !!at?.closest?.(
		'input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog'
	);
}

/** Is it an empty field for adding? There is no typing to undo in it, but the last thing added. */
export function emptyAddField(event: KeyboardEvent): boolean {
	const at = event.target;
	return at instanceof HTMLInputElement && at.dataset.key === 'add' && at.value === '';
}

/** Ctrl, or Command where that is the custom. */
export const withControl = (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && !event.altKey;

/** Puts the cursor into the screen's field for adding, or presses its button. */
export function press(role: 'add' | 'search'): boolean {
	const shown = [...document.querySelectorAll<HTMLElement>(`main [data-key="${role}"]`)].find(
		(element) => element.offsetParent !== null
	);
	if (!shown) return false;
	if (shown instanceof HTMLButtonElement) shown.click();
	else shown.focus();
	return true;
}
