// One side of an act or the other: undo and redo as ordinary writes.
import { difference, equal, getUnit, keyOf, living, type Ref } from './entity';
import { refsOf } from './references';
import type { Entity, Patch } from './types';

/** One entity before and after an act. */
export interface Step {
	kind: string;
	id: number;
	before?: Entity;
	after?: Entity;
}

/** Who turns steps into ordinary writes. */
interface Writer {
	get(kind: string, id: number): Entity | undefined;
	edit(kind: string, id: number, patch: Patch): void;
	remove(kind: string, id: number): void;
	restore(kind: string, id: number, last: Entity): void;
}

/** The steps that take an act back: each the other way round, children before their parents. */
export function reversed(steps: readonly Step[]): Step[] {
	return steps.toReversed().map(({ kind, id, before, after }) => ({
		kind,
		id,
		...(after && { before: after }),
		...(before && { after: before })
	}));
}

/**
 * Brings everything from one side of its step to the other. What was changed since
 * stays as it is, and so does what that lies in; returns how many were changed.
 */
export function turn(writer: Writer, steps: readonly Step[]): number {
	const kept = new Set<string>();
	const keep = (ref: Ref): void => {
		if (kept.has(keyOf(ref))) return;
		kept.add(keyOf(ref));
		const now = writer.get(ref.kind, ref.id);
		if (living(now)) for (const parent of refsOf(ref.kind, now)) keep(parent);
	};
	const changed = steps.filter((step) => isChanged(step, writer.get(step.kind, step.id)));
	for (const step of changed) if (!living(step.after)) keep(step);
	for (const step of steps) {
		const { kind, id, before, after } = step;
		const now = writer.get(kind, id);
		if (!living(after)) {
			if (living(now) && !kept.has(keyOf(step))) writer.remove(kind, id);
		} else if (!living(before)) {
			if (now && !living(now)) writer.restore(kind, id, after);
		} else if (living(now)) {
			writer.edit(kind, id, unchanged(kind, before, after, now));
		}
	}
	return changed.length;
}

/** Has somebody, since the step was made, changed what it would turn? */
function isChanged({ kind, before, after }: Step, now: Entity | undefined): boolean {
	if (!living(after)) return living(now) && (!living(before) || !same(difference(kind, before, now)));
	if (!living(before)) return false;
	if (!living(now)) return true;
	const units = Object.keys(difference(kind, before, after));
	return units.some((unit) =>
		[before, after].every((side) => !equal(getUnit(kind, now, unit), getUnit(kind, side, unit)))
	);
}

/** What leads from one side to the other, without what is not any more as it was on the first. */
function unchanged(kind: string, before: Entity, after: Entity, now: Entity): Patch {
	return Object.fromEntries(
		Object.entries(difference(kind, before, after)).filter(([unit]) =>
			equal(getUnit(kind, now, unit), getUnit(kind, before, unit))
		)
	);
}

function same(units: Patch): boolean {
	return Object.keys(units).length === 0;
}
