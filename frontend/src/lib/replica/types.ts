// What the screens may ask of the replica. The implementation is free of any
// framework; live.svelte.ts makes it reactive.
import type { components } from '../api/gen/api';

/** A session that has a user: no other sees anything. */
export type Session = components['schemas']['Session'] & { user: components['schemas']['Entity'] };
export type Status = components['schemas']['Status'];
export type Parked = components['schemas']['Parked'];
export type History = components['schemas']['History'];
export type Trash = components['schemas']['Trash'];

/** A living entity or a tombstone as on the wire; fields of its kind beside. */
export interface Entity {
	id: number;
	updatedAt: string;
	deleted?: boolean;
	created?: string;
	createdBy?: number;
	updatedBy?: number;
	[field: string]: unknown;
}

/** Fields to change; one level into maps by path ("participants/42"); undefined takes the field away. */
export type Patch = Record<string, unknown>;

/** One step of undo: everything one person did at once. */
export interface Act {
	label: string;
	at: string;
}

/** What undo or redo has turned. */
export interface TakenBack extends Act {
	/** How many things were changed since and therefore left as they are. */
	left: number;
}

export interface Replica {
	/** Living entities of a kind as shown: own pending writes laid over what the server confirmed. Stable array until something of the kind changes. */
	all<T extends Entity = Entity>(kind: string): readonly T[];
	/** Living children whose field holds the id, e.g. ('item', 'listId', 7). Stable as above. */
	children<T extends Entity = Entity>(kind: string, field: string, id: number): readonly T[];
	/** The shown entity, tombstones too. */
	get<T extends Entity = Entity>(kind: string, id: number): T | undefined;
	/** Is an own write of it unconfirmed? */
	pending(kind: string, id: number): boolean;

	create(kind: string, fields: Patch): number;
	edit(kind: string, id: number, patch: Patch): void;
	remove(kind: string, id: number): void;
	/** Put a deleted thing back with its last living fields (from trash or history). */
	restore(kind: string, id: number, last: Entity): void;
	/** Everything written inside fn is one step of undo and one batch. */
	act(label: string, fn: () => void): void;
	undo(): TakenBack | undefined;
	redo(): TakenBack | undefined;
	readonly undoable: Act | undefined;

	readonly status: Status;
	readonly parked: readonly Parked[];
	retry(seq: number): void;
	discard(seq: number): void;
	/** Lets go of what this person has unsent or not taken here. */
	abandon(): void;
	syncNow(): void;

	/** Called after every change with the kinds that changed; '' stands for status, session and parked. */
	subscribe(listener: (kinds: ReadonlySet<string>) => void): () => void;
}
