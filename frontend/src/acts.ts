// Doing things so that they can be undone: one act, one toast, one way back.
import { i18n } from './lib/i18n/i18n.svelte';
import type { Live } from './lib/replica/live.svelte';
import { toasts } from './lib/ui/toasts.svelte';

/** Writes everything in fn as one step of undo and says what happened. */
export function act(live: Live, label: string, fn: () => void): void {
	live.act(label, fn);
	toasts.say(label, { label: i18n.t.act.undo, act: () => undo(live) });
}

/** As act, where the change itself is seen and a toast would only be in the way. */
export function quietly(live: Live, label: string, fn: () => void): void {
	live.act(label, fn);
}

export function undo(live: Live): void {
	const t = i18n.t.act;
	const undone = live.undo();
	if (!undone) toasts.say(t.nothingToUndo);
	else toasts.say(t.undone(undone.label, undone.left), { label: t.redo, act: () => redo(live) });
}

export function redo(live: Live): void {
	const t = i18n.t.act;
	const redone = live.redo();
	if (redone) toasts.say(t.redone(redone.label, redone.left), { label: t.undo, act: () => undo(live) });
}
