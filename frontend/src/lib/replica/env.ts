import type { UnsentShelf } from './keeper';
import type { Keep } from './undo';

/** What a replica takes from the world around it. */
export interface Env {
	/** Milliseconds since 1970. */
	now(): number;
	/** 0 … 1, for jitter. */
	random(): number;
	/** Calls fn later; the returned function calls it off. */
	after(ms: number, fn: () => void): () => void;
	/** Lets the page breathe. */
	pause(): Promise<void>;
	/** Calls fn when trying again may help: the network is back, or somebody looks; the returned function ends it. */
	onWake?(fn: () => void): () => void;
	/** What undo is kept in. */
	keep?: Keep;
	/** Where what is unsent outlives the page. */
	unsent?: UnsentShelf;
	/** The server's address, for people. */
	server?: string;
}

/** The world of a page. */
export function pageEnv(): Env {
	return {
		now: Date.now,
		random: Math.random,
		after(ms, fn) {
			const timer = setTimeout(fn, ms);
			return () => clearTimeout(timer);
		},
		pause() {
			return new Promise((resolve) => {
				// A timer would be slowed down to 4 ms each by nesting (HTML §8.6).
				const channel = new MessageChannel();
				channel.port1.onmessage = () => {
					channel.port1.close();
					resolve();
				};
				channel.port2.postMessage(undefined);
			});
		},
		onWake(fn) {
			const look = () => {
				if (document.visibilityState === 'visible') fn();
			};
			window.addEventListener('online', fn);
			document.addEventListener('visibilitychange', look);
			return () => {
				window.removeEventListener('online', fn);
				document.removeEventListener('visibilitychange', look);
			};
		},
		...kept(),
		server: location.origin
	};
}

/** Reading it throws where the browser was told to keep nothing. */
function kept(): { keep?: Keep } {
	try {
		return { keep: sessionStorage };
	} catch {
		return {};
	}
}
