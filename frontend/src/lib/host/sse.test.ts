import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader } from './sse';

const stream =
	': heartbeat\n\nevent: session\ndata: {"a":1}\n\nid: 7-12\nevent: replacements\ndata: {"text":\ndata: "ü"}\n\n: heartbeat\n\nid: 7-13\ndata: []\n\n';

test('frames come whole, wherever the stream is cut', () => {
	fc.assert(
		fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
			const reader = new FrameReader();
			const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
			const frames = places.slice(1).flatMap((end, i) => [...reader.read(stream.slice(places[i], end))]);
			expect(frames).toEqual([
				{ event: 'session', data: { a: 1 } },
				{ event: 'replacements', id: '7-12', data: { text: 'ü' } },
				{ event: 'message', id: '7-13', data: [] }
			]);
		})
	);
});

test('a frame that is not finished is none', () => {
	expect([...new FrameReader().read('event: session\ndata: {"a":1}\n')]).toEqual([]);
});
