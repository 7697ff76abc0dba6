// Every kind as the general screens show it: trash, history, search, parked.
// A kind without an entry of its own is shown by its name.
import Calendar from '@lucide/svelte/icons/calendar';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleHelp from '@lucide/svelte/icons/circle-question-mark';
import ListTodo from '@lucide/svelte/icons/list-todo';
import NotebookText from '@lucide/svelte/icons/notebook-text';
import UserRound from '@lucide/svelte/icons/user-round';
import type { Component } from 'svelte';
import type { Entity } from '../lib/replica/types';

/** The kinds that have screens. */
export type KindName = 'list' | 'item' | 'event' | 'note' | 'user';

export interface KindUI {
	icon: Component<{ size?: number | string }>;
	/** What the thing is called. */
	title: (entity: Entity) => string;
	/** The hash of the screen that shows it. */
	path: (entity: Entity) => string | undefined;
	/** The fields a person knows, in the order of the editor; others are not shown in a history. */
	fields: readonly string[];
	/** Where its container stands. */
	parent?: { kind: KindName; field: string };
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

export const kinds: Record<KindName, KindUI> = {
	list: {
		icon: ListTodo,
		title: (list) => text(list.title),
		path: (list) => `#/lists/${list.id}`,
		fields: ['title', 'use', 'color', 'icon', 'archived', 'orderKey', 'audience']
	},
	item: {
		icon: CircleCheck,
		title: (item) => text(item.title),
		path: (item) => (item.listId ? `#/lists/${String(item.listId)}` : undefined),
		fields: [
			'title',
			'quantity',
			'unit',
			'done',
			'due',
			'categoryId',
			'assignees',
			'description',
			'listId',
			'orderKey'
		],
		parent: { kind: 'list', field: 'listId' }
	},
	event: {
		icon: Calendar,
		title: (event) => text(event.title),
		path: (event) => (event.start ? `#/agenda/${text(event.start).slice(0, 10)}` : '#/agenda'),
		fields: [
			'title',
			'start',
			'duration',
			'showWithoutTime',
			'timeZone',
			'recurrenceRule',
			'places',
			'participants',
			'calendarId',
			'description'
		]
	},
	note: {
		icon: NotebookText,
		title: (note) => text(note.title),
		path: (note) => `#/notes/${note.id}`,
		fields: ['title', 'body', 'pinned', 'color', 'orderKey', 'audience']
	},
	user: {
		icon: UserRound,
		title: (user) => text(user.name),
		path: () => '#/people',
		fields: ['name', 'shortName', 'color', 'avatar', 'birthday', 'access']
	}
};

const other: KindUI = {
	icon: CircleHelp,
	title: (entity) => text(entity.title) || text(entity.name),
	path: () => undefined,
	fields: []
};

export function kindUI(kind: string): KindUI {
	return kind in kinds ? kinds[kind as KindName] : other;
}
