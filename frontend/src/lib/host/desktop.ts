import { Backoff } from './backoff';
import { Unreached, type Answer, type Frame, type Handlers, type Host, type Of } from './host';

interface Numbered extends Frame {
	/** Counts from 1 with every listening. */
	n: number;
}

/** What the window puts into the page: one bound method and one channel of events. */
interface Window {
	go: {
		window: {
			Page: {
				Request(
					method: string,
					path: string,
					body: string,
					ifMatch: string
				): Promise<{ status: number; body: string; etag?: string }>;
			};
		};
	};
	runtime: {
		EventsOn(name: string, callback: (frame: Numbered) => void): () => void;
		BrowserOpenURL(url: string): void;
	};
}

/** Tells whether the page is in the window. */
export function inWindow(): boolean {
	return 'go' in window && 'runtime' in window;
}

/** The bridge of the window the page is in. */
export class DesktopHost implements Host {
	readonly kind = 'desktop';
	readonly #window = window as unknown as Window;

	async request(method: string, path: string, body?: unknown, of?: Of): Promise<Answer> {
		const text = body === undefined ? '' : JSON.stringify(body);
		try {
			const answer = await this.#window.go.window.Page.Request(method, path, text, of?.ifMatch ?? '');
			const { status, etag } = answer;
			const content = answer.body ? (JSON.parse(answer.body) as unknown) : undefined;
			return { status, body: content, ...(etag && { etag }) };
		} catch (error) {
			throw new Unreached('the program did not answer', { cause: error });
		}
	}

	subscribe(after: string, handlers: Handlers): () => void {
		const listening = new Listening(this, after, handlers);
		const off = this.#window.runtime.EventsOn('frame', (frame) => listening.take(frame));
		void listening.begin();
		return () => {
			listening.stopped = true;
			off();
		};
	}

	wake(): void {
		// The bridge is in this program: its line is never down.
	}

	openExternal(url: string): void {
		this.#window.runtime.BrowserOpenURL(url);
	}
}

/** One subscription: notices frames lost on the way and listens again. */
class Listening {
	stopped = false;
	#expected = 1;
	#stale = true;
	#backoff = new Backoff();

	constructor(
		private readonly host: Host,
		private cursor: string,
		private readonly handlers: Handlers
	) {}

	async begin(): Promise<void> {
		this.#stale = true;
		this.#expected = 1;
		try {
			const answer = await this.host.request('POST', '/api/local/listen', { after: this.cursor });
			if (this.stopped) return;
			if (answer.status >= 400) {
				this.handlers.refused(answer);
				return;
			}
			this.#backoff.reset();
			this.handlers.open();
		} catch {
			if (this.stopped) return;
			this.handlers.lost();
			setTimeout(() => void this.begin(), this.#backoff.next());
		}
	}

	take(frame: Numbered): void {
		if (this.stopped) return;
		// Until its first frame, what arrives belongs to the listening before.
		if (this.#stale && frame.n !== 1) return;
		this.#stale = false;
		if (frame.n !== this.#expected) {
			void this.begin();
			return;
		}
		this.#expected++;
		if (frame.id) this.cursor = frame.id;
		this.handlers.frame(frame);
	}
}
