import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PublicJwk } from './keys';
import { prove } from './proof';

interface Vector {
	alg: 'ES256' | 'EdDSA';
	jwk: PublicJwk;
	value: string;
	register: boolean;
	nonce: string;
	proof: string;
}

const path = new URL('../../../../syncserver/proof/testdata/vectors.json', import.meta.url);
const vectors = (JSON.parse(readFileSync(path, 'utf8')) as Vector[]).filter(
	({ value, register }) => value === '' && !register
);

test.each(vectors)(
	'what is signed with $alg is what the server verifies',
	async ({ alg, jwk, nonce, proof }) => {
		const { crv, kty, x } = jwk;
		const bare = (jwk.kty === 'EC' ? { crv, kty, x, y: jwk.y } : { crv, kty, x }) as PublicJwk;
		const signed: string[] = [];
		const sign = async (text: Uint8Array) => {
			signed.push(new TextDecoder().decode(text));
			return new Uint8Array(64);
		};
		const claims = { htm: 'POST', path: '/api/auth/refresh', aud: 'instance-1', nonce };
		const made = await prove({ alg, level: 2, jwk: bare, sign }, claims);
		expect(signed).toEqual([proof.slice(0, proof.lastIndexOf('.'))]);
		expect(made).toBe(`${signed[0]}.${'A'.repeat(86)}`);
	}
);

test('there are vectors of both algorithms', () => {
	expect(new Set(vectors.map(({ alg }) => alg))).toEqual(new Set(['ES256', 'EdDSA']));
});
