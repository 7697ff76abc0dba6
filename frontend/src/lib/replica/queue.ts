import { keyOf } from './entity';
import { refOf, type Pending } from './pending';

/** Own writes in order, found by what they write to. */
export class Queue {
	#writes: Pending[] = [];
	#byRef = new Map<string, Pending[]>();

	get size(): number {
		return this.#writes.length;
	}

	/** All of them, oldest first; stays as it is while they come and go. */
	all(): readonly Pending[] {
		return [...this.#writes];
	}

	/** The writes to one entity, oldest first. */
	of(key: string): readonly Pending[] {
		return this.#byRef.get(key) ?? [];
	}

	append(write: Pending): void {
		this.#writes.push(write);
		this.#index(write);
	}

	/** Puts another in its place, or at the end. */
	replace(old: Pending, write: Pending, atEnd: boolean): void {
		const at = this.#writes.indexOf(old);
		if (atEnd) {
			this.#writes.splice(at, 1);
			this.#writes.push(write);
		} else {
			this.#writes[at] = write;
		}
		const key = keyOf(refOf(old));
		const list = this.#byRef.get(key) ?? [];
		if (key === keyOf(refOf(write))) {
			list[list.indexOf(old)] = write;
		} else {
			this.#unindex(old);
			this.#index(write);
		}
	}

	drop(write: Pending): void {
		this.#writes.splice(this.#writes.indexOf(write), 1);
		this.#unindex(write);
	}

	/** Takes everything out. */
	empty(): Pending[] {
		const all = this.#writes;
		this.#writes = [];
		this.#byRef.clear();
		return all;
	}

	#index(write: Pending): void {
		const key = keyOf(refOf(write));
		const list = this.#byRef.get(key);
		if (list) list.push(write);
		else this.#byRef.set(key, [write]);
	}

	#unindex(write: Pending): void {
		const key = keyOf(refOf(write));
		const list = (this.#byRef.get(key) ?? []).filter((other) => other !== write);
		if (list.length > 0) this.#byRef.set(key, list);
		else this.#byRef.delete(key);
	}
}
