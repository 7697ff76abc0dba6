import NotebookText from '@lucide/svelte/icons/notebook-text';
import type { KindUI } from '../kinds';
import { textOf } from '../text';

export const note: KindUI = {
	icon: NotebookText,
	title: (note) => textOf(note.title),
	path: (note) => `#/notes/${note.id}`,
	fields: ['title', 'body', 'pinned', 'color', 'orderKey', 'audience']
};
