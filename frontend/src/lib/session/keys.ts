import type { Shelf } from './shelf';

/** A public key as RFC 7638 hashes it: these members and no others. */
export type PublicJwk =
	{ crv: 'P-256'; kty: 'EC'; x: string; y: string } | { crv: 'Ed25519'; kty: 'OKP'; x: string };

/** The key of one session on this device. It never leaves it. */
export interface DeviceKey {
	alg: 'ES256' | 'EdDSA';
	/** 1: the page could read it; 2: nothing can. */
	level: 1 | 2;
	jwk: PublicJwk;
	/** As JOSE wants it: of ES256 the two halves one after the other (RFC 7518 §3.4). */
	sign(text: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

/** A key as it is kept. WebCrypto's can be stored without being readable. */
export type KeptKey = { jwk: PublicJwk; secret: CryptoKey | Uint8Array<ArrayBuffer> };

/** The keys of the sessions of this browser, by session. */
export class Keys {
	constructor(private readonly shelf: Promise<Shelf | undefined>) {}

	/** Whether a key could be kept. */
	async able(): Promise<boolean> {
		return (await this.shelf) !== undefined;
	}

	/** The key of a session, of the newest when it is not known which. Rejects where it cannot be told whether there is one. */
	async of(session: number | undefined): Promise<DeviceKey | undefined> {
		const shelf = await this.shelf;
		const kept =
			session === undefined
				? (await shelf?.all<KeptKey>('keys'))?.at(-1)?.[1]
				: await shelf?.get<KeptKey>('keys', session);
		return kept && usable(kept);
	}

	async keep(session: number, key: KeptKey): Promise<void> {
		await (await this.shelf)?.put('keys', session, key);
	}

	async drop(session: number): Promise<void> {
		await (await this.shelf)?.drop('keys', session);
	}
}

export async function usable({ jwk, secret }: KeptKey): Promise<DeviceKey> {
	if (secret instanceof Uint8Array) {
		// Only pages over plain http have such keys, so only they carry the library.
		const { ed25519 } = await import('@noble/curves/ed25519.js');
		return { alg: 'EdDSA', level: 1, jwk, sign: async (text) => ed25519.sign(text, secret) };
	}
	const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
	return {
		alg: 'ES256',
		level: 2,
		jwk,
		sign: async (text) => new Uint8Array(await crypto.subtle.sign(algorithm, secret, text))
	};
}
