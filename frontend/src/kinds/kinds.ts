// Every kind as the general screens show it: trash, history, search, parked.
// A kind without screens of its own is shown by its name.
import CircleHelp from '@lucide/svelte/icons/circle-question-mark';
import type { Component } from 'svelte';
import type { Entity } from '../lib/replica/types';
import { event } from './event';
import { item } from './item';
import { list } from './list';
import { note } from './note';
import { textOf } from './text';
import { user } from './user';

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

export const kinds: Record<KindName, KindUI> = { list, item, event, note, user };

const other: KindUI = {
	icon: CircleHelp,
	title: (entity) => textOf(entity.title) || textOf(entity.name),
	path: () => undefined,
	fields: []
};

export function kindUI(kind: string): KindUI {
	return kind in kinds ? kinds[kind as KindName] : other;
}
