import { living, type Ref } from './entity';
import type { Entity } from './types';

const none: readonly never[] = [];

/** What is shown, by kind and by parent, in arrays that stay the same until they change. */
export class View {
	#kinds = new Map<string, Map<number, Entity>>();
	#all = new Map<string, readonly Entity[]>();
	#indexes = new Map<string, Index>();

	get(ref: Ref): Entity | undefined {
		return this.#kinds.get(ref.kind)?.get(ref.id);
	}

	/** Shows an entity, or nothing any more; tells whether that is a change. */
	set(ref: Ref, entity: Entity | undefined): boolean {
		let kind = this.#kinds.get(ref.kind);
		if (!kind) this.#kinds.set(ref.kind, (kind = new Map()));
		const old = kind.get(ref.id);
		if (old === entity) return false;
		if (entity) kind.set(ref.id, entity);
		else kind.delete(ref.id);
		this.#all.delete(ref.kind);
		for (const index of this.#indexes.values()) if (index.kind === ref.kind) index.change(old, entity);
		return true;
	}

	all(kind: string): readonly Entity[] {
		let all = this.#all.get(kind);
		if (!all) {
			all = [...(this.#kinds.get(kind)?.values() ?? none)].filter(living);
			this.#all.set(kind, all);
		}
		return all;
	}

	children(kind: string, field: string, id: number): readonly Entity[] {
		const name = `${kind}.${field}`;
		let index = this.#indexes.get(name);
		if (!index) {
			index = new Index(kind, field);
			for (const entity of this.#kinds.get(kind)?.values() ?? none) index.change(undefined, entity);
			this.#indexes.set(name, index);
		}
		return index.of(id);
	}

	*refs(): Generator<Ref> {
		for (const [kind, entities] of this.#kinds) for (const id of entities.keys()) yield { kind, id };
	}

	kinds(): ReadonlySet<string> {
		return new Set(this.#kinds.keys());
	}
}

/** Living entities of a kind by the id in one of their fields. */
class Index {
	#byParent = new Map<number, Map<number, Entity>>();
	#arrays = new Map<number, readonly Entity[]>();

	constructor(
		readonly kind: string,
		readonly field: string
	) {}

	of(parent: number): readonly Entity[] {
		let array = this.#arrays.get(parent);
		if (!array) {
			array = [...(this.#byParent.get(parent)?.values() ?? none)];
			this.#arrays.set(parent, array);
		}
		return array;
	}

	change(old: Entity | undefined, entity: Entity | undefined): void {
		const from = this.#parent(old);
		const to = this.#parent(entity);
		if (from !== undefined && from !== to && old) {
			this.#byParent.get(from)?.delete(old.id);
			this.#arrays.delete(from);
		}
		if (to !== undefined && entity) {
			let children = this.#byParent.get(to);
			if (!children) this.#byParent.set(to, (children = new Map()));
			children.set(entity.id, entity);
			this.#arrays.delete(to);
		}
	}

	#parent(entity: Entity | undefined): number | undefined {
		const parent = living(entity) ? entity[this.field] : undefined;
		return typeof parent === 'number' ? parent : undefined;
	}
}
