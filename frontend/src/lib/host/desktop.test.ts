import { afterEach, expect, test, vi } from 'vitest';
import { DesktopHost } from './desktop';
import type { Frame } from './host';

afterEach(() => vi.unstubAllGlobals());

/** The window as the page sees it. */
function openWindow() {
	const listens: string[] = [];
	let emit: (frame: Frame & { n: number }) => void = () => {};
	vi.stubGlobal('window', {
		go: {
			window: {
				Page: {
					Request(_: string, path: string, body: string) {
						if (path === '/api/local/listen') listens.push((JSON.parse(body) as { after: string }).after);
						return Promise.resolve({ status: 204, body: '' });
					}
				}
			}
		},
		runtime: {
			EventsOn(_: string, callback: typeof emit) {
				emit = callback;
				return () => (emit = () => {});
			}
		}
	});
	return {
		listens,
		emit: (n: number, id?: string) => emit({ n, event: 'replacements', data: n, ...(id ? { id } : {}) })
	};
}

test('a gap in the numbers means listening again behind the last cursor', async () => {
	const { listens, emit } = openWindow();
	const seen: unknown[] = [];
	const handlers = {
		open: vi.fn(),
		lost: vi.fn(),
		refused: vi.fn(),
		frame: (frame: Frame) => seen.push(frame.data)
	};
	const stop = new DesktopHost().subscribe('5-1', handlers);
	await vi.waitFor(() => expect(handlers.open).toHaveBeenCalledTimes(1));
	emit(1, '5-2');
	emit(2, '5-3');
	emit(4, '5-5');
	await vi.waitFor(() => expect(handlers.open).toHaveBeenCalledTimes(2));
	emit(5, '5-6'); // still of the listening before
	emit(1, '5-4');
	expect(listens).toEqual(['5-1', '5-3']);
	expect(seen).toEqual([1, 2, 1]);
	stop();
	emit(2, '5-5');
	expect(seen).toHaveLength(3);
});
