// Where an event is: places are things of their own, so that a name is typed once.
import type { Live } from '../../lib/replica/live.svelte';
import type * as kinds from '../../lib/api/gen/kinds';
import type { Entity } from '../../lib/replica/types';
import type { Event } from './event';

type Place = kinds.Place & Entity;

export function whereOf(live: Live, event: Event): string {
	return Object.keys(event.places ?? {})
		.flatMap((id) => live.get<Place>('place', Number(id))?.name ?? [])
		.join(', ');
}

/** The places map for what was typed; makes a place nobody named before. Call inside an act. */
export function placesFor(live: Live, where: string): Record<string, unknown> | undefined {
	if (!where) return undefined;
	const known = live.all<Place>('place').find(({ name }) => name?.toLowerCase() === where.toLowerCase());
	return { [known?.id ?? live.create('place', { name: where })]: {} };
}
