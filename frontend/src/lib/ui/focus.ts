/** Takes the focus when it comes: it stands where what was focused has gone. */
export const focus = (element: HTMLElement): void => element.focus();
