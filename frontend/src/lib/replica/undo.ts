import type { Ref } from './entity';
import { redirect } from './references';
import type { Step } from './step';
import type { Act, Entity } from './types';

export interface Done extends Act {
	steps: Step[];
}

/** Where the steps outlive a reload; sessionStorage is one. */
export interface Keep {
	getItem(name: string): string | null;
	setItem(name: string, value: string): void;
}

const name = 'inglenook.undo';
const maxActs = 50;
/** Acts beyond so many characters are undone only until the page is left: every act writes them anew. */
const maxKept = 500_000;

/** The last acts of one person, to take back and to do again. */
export class UndoStack {
	#undo: Done[] = [];
	#redo: Done[] = [];
	#user = 0;
	/** Every act as JSON: a note of 64 KiB is not to be written out again with every tick. */
	#texts = new WeakMap<Done, string>();

	constructor(private readonly keep?: Keep) {}

	get undoable(): Act | undefined {
		return this.#undo.at(-1);
	}

	/** Takes over what this person did here before the page was loaded; somebody else's is forgotten. */
	open(user: number): void {
		if (user === this.#user) return;
		const fresh = this.#user === 0 ? this.#undo : [];
		this.#user = user;
		this.#undo = fresh;
		this.#redo = [];
		try {
			const kept = JSON.parse(this.keep?.getItem(name) ?? 'null') as {
				user: number;
				undo: Done[];
				redo: Done[];
			} | null;
			if (kept?.user === user) {
				this.#undo = [...kept.undo, ...fresh];
				this.#redo = fresh.length > 0 ? [] : kept.redo;
			}
		} catch {
			// Written by another version, or storage is switched off: begin with nothing.
		}
		this.#save();
	}

	did(act: Done): void {
		this.#undo = [...this.#undo, act].slice(-maxActs);
		this.#redo = [];
		this.#save();
	}

	undone(): Done | undefined {
		const act = this.#undo.pop();
		if (act) this.#redo.push(act);
		this.#save();
		return act;
	}

	redone(): Done | undefined {
		const act = this.#redo.pop();
		if (act) this.#undo.push(act);
		this.#save();
		return act;
	}

	/** An id turned out to be taken by somebody else's thing, which no step may touch. */
	rename(from: Ref, to: number): void {
		const entity = (kind: string, id: number, old: Entity) => ({ ...redirect(kind, old, from, to), id });
		const step = ({ kind, id, before, after }: Step): Step => {
			const now = kind === from.kind && id === from.id ? to : id;
			return {
				kind,
				id: now,
				...(before && { before: entity(kind, now, before) }),
				...(after && { after: entity(kind, now, after) })
			};
		};
		const act = (done: Done): Done => ({ ...done, steps: done.steps.map(step) });
		this.#undo = this.#undo.map(act);
		this.#redo = this.#redo.map(act);
		this.#save();
	}

	#save(): void {
		if (!this.keep || this.#user === 0) return;
		try {
			const [undo, redo] = [this.#kept(this.#undo), this.#kept(this.#redo)];
			this.keep.setItem(name, `{"user":${this.#user},"undo":[${undo}],"redo":[${redo}]}`);
		} catch {
			// Full or switched off: undo then ends with the page.
		}
	}

	/** The latest acts as JSON, as many as are kept. */
	#kept(acts: Done[]): string {
		let length = 0;
		const first = acts.findLastIndex((act) => (length += this.#text(act).length) > maxKept);
		return acts
			.slice(first + 1)
			.map((act) => this.#text(act))
			.join(',');
	}

	#text(act: Done): string {
		let text = this.#texts.get(act);
		if (text === undefined) this.#texts.set(act, (text = JSON.stringify(act)));
		return text;
	}
}
