import { describe, expect, it } from 'vitest';
import type { Event, Occurrence } from './event';
import { plan } from './plan';
import { here } from './zones';

const event = (id: number, fields: Partial<Event>): Event =>
	({ id, updatedAt: '2026-01-01T00:00:00.000Z', calendarId: 1, ...fields }) as Event;
const shown = (events: Event[], from: string, to: string, changed = [] as Parameters<typeof plan>[1]) =>
	[...plan(events, changed, from, to)].map(([day, entries]) => [day, entries.map((entry) => entry.event.id)]);

describe('plan', () => {
	it('spreads what lasts several days and puts whole days first', () => {
		const camp = event(1, { start: '2026-11-20', duration: 'P3D', showWithoutTime: true });
		const dentist = event(2, { start: '2026-11-21T09:30:00', duration: 'PT45M' });
		expect(shown([dentist, camp], '2026-11-21', '2026-11-30')).toEqual([
			['2026-11-21', [1, 2]],
			['2026-11-22', [1]]
		]);
	});

	it('does not carry what ends at midnight into the next day', () => {
		const party = event(1, { start: '2026-11-21T20:00:00', duration: 'PT4H' });
		expect(shown([party], '2026-11-20', '2026-11-30')).toEqual([['2026-11-21', [1]]]);
	});

	it('leaves out excluded dates and moves changed ones', () => {
		const training = event(1, {
			start: '2026-11-03T17:00:00',
			duration: 'PT1H',
			recurrenceRule: 'FREQ=WEEKLY'
		});
		const changed: Occurrence[] = [
			{ id: 9, updatedAt: '', eventId: 1, recurrenceId: '2026-11-10T17:00:00', excluded: true },
			{
				id: 8,
				updatedAt: '',
				eventId: 1,
				recurrenceId: '2026-11-17T17:00:00',
				patch: { start: '2026-11-18T17:00:00' }
			}
		];
		expect(shown([training], '2026-11-01', '2026-11-25', changed).map(([day]) => day)).toEqual([
			'2026-11-03',
			'2026-11-18',
			'2026-11-24'
		]);
	});
});

describe('here', () => {
	it.each([
		['2026-07-01T12:00:00', 'Europe/Berlin', 'Europe/Berlin', '2026-07-01T12:00'],
		['2026-07-01T12:00:00', undefined, 'Europe/Berlin', '2026-07-01T12:00'],
		['2026-07-01T12:00:00', 'Not/AZone', 'Europe/Berlin', '2026-07-01T12:00']
	])('%s in %s', (local, zone, ours, want) => {
		expect(here(local, zone, ours)).toBe(want);
	});
});
