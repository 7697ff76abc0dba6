import { reach } from '../host/http';
import { alone } from '../host/seat';
import type { World } from './carrier';
import { Keys } from './keys';
import { People } from './people';
import type { Shelf } from './shelf';

/** The world of a page in a browser. */
export function pageWorld(client: string, shelf: Promise<Shelf | undefined>): World {
	return {
		reach,
		now: Date.now,
		after(ms, fn) {
			const timer = setTimeout(fn, ms);
			return () => clearTimeout(timer);
		},
		known: () => /(?:^|; )inglenook-known=1/.test(document.cookie),
		alone,
		keys: new Keys(shelf),
		people: new People(),
		client
	};
}
