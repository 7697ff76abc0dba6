// Rewriting what points at an entity whose id turned out to be taken.
import { specOf } from '../api/id';
import { isObject, type Ref, type Units } from './entity';

/** The fields (or units) with references to ref turned to id; the same object when there are none. */
export function redirect<T extends Units>(kind: string, fields: T, ref: Ref, id: number): T {
	let out: Units = fields;
	const change = (): Units => (out === fields ? (out = { ...fields }) : out);
	for (const [name, value] of Object.entries(fields)) {
		const [field = name, key] = name.split('/');
		const spec = specOf(kind)?.fields[field];
		if (!spec) continue;
		if (spec.ref === ref.kind && value === ref.id) change()[name] = id;
		if (spec.ref === 'any' && isObject(value) && value.kind === ref.kind && value.id === ref.id) {
			change()[name] = { ...value, id };
		}
		if (spec.refKeys !== ref.kind) continue;
		if (key === String(ref.id)) {
			delete change()[name];
			change()[`${field}/${id}`] = value;
		} else if (key === undefined && isObject(value) && String(ref.id) in value) {
			const { [String(ref.id)]: entry, ...others } = value;
			change()[name] = { ...others, [id]: entry };
		}
	}
	return out as T;
}

/** What the fields of an entity point at. */
export function refsOf(kind: string, entity: Units): Ref[] {
	return Object.entries(entity).flatMap(([name, value]): Ref[] => {
		const { ref, refKeys } = specOf(kind)?.fields[name] ?? {};
		if (ref === 'any' && isObject(value)) return [{ kind: String(value.kind), id: Number(value.id) }];
		if (ref !== undefined && typeof value === 'number') return [{ kind: ref, id: value }];
		if (refKeys === undefined || !isObject(value)) return [];
		return Object.keys(value).map((id) => ({ kind: refKeys, id: Number(id) }));
	});
}

/** Tells whether setting these units may point at an entity made since. */
export function refers(kind: string, units: Units): boolean {
	return Object.keys(units).some((unit) => {
		const spec = specOf(kind)?.fields[unit.split('/')[0] ?? ''];
		return spec === undefined || spec.ref !== undefined || spec.refKeys !== undefined;
	});
}
