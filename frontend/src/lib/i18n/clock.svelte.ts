// What time it is, as something the page can follow: it moves every half minute
// and at once when the page is looked at again.
import { createSubscriber } from 'svelte/reactivity';
import { dayOf, type Day } from './days';

class Clock {
	#follow = createSubscriber((update) => {
		const timer = setInterval(update, 30_000);
		document.addEventListener('visibilitychange', update);
		return () => {
			clearInterval(timer);
			document.removeEventListener('visibilitychange', update);
		};
	});

	get now(): Date {
		this.#follow();
		return new Date();
	}

	get today(): Day {
		return dayOf(this.now);
	}
}

export const clock = new Clock();
