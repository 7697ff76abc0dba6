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

/** Under this number a key is kept until the session it is for is known. */
const unnumbered = 0;

/** The keys of the sessions of this browser, by session. */
export class Keys {
	constructor(private readonly shelf: Promise<Shelf | undefined>) {}

	/** Whether a key could be kept. */
	async able(): Promise<boolean> {
		return (await this.shelf) !== undefined;
	}

	/**
	 * The key of a session, of the newest when it is not known which. A session without one may
	 * have that of a sign-in whose answer was lost. Rejects where it cannot be told whether there is one.
	 */
	async of(session: number | undefined): Promise<DeviceKey | undefined> {
		const shelf = await this.shelf;
		const kept =
			session === undefined
				? (await shelf?.all<KeptKey>('keys'))?.at(-1)?.[1]
				: ((await shelf?.get<KeptKey>('keys', session)) ?? (await shelf?.get<KeptKey>('keys', unnumbered)));
		return kept && usable(kept);
	}

	/** The key for a sign-in: that of one whose answer was lost, or else what make makes. */
	async next(make: () => Promise<KeptKey>): Promise<KeptKey> {
		const shelf = await this.shelf;
		const kept = await shelf?.get<KeptKey>('keys', unnumbered);
		if (kept) return kept;
		const made = await make();
		await shelf?.put('keys', unnumbered, made);
		return made;
	}

	/** The server has taken a key as that of a session: it is kept as such. */
	async settle(session: number, key: KeptKey): Promise<void> {
		const shelf = await this.shelf;
		await shelf?.put('keys', session, key);
		await shelf?.drop('keys', unnumbered);
	}

	/** The server has taken a proof of a session's key, which may not have been kept as such. */
	async proved(session: number): Promise<void> {
		const shelf = await this.shelf;
		if (!shelf || (await shelf.get('keys', session))) return;
		const kept = await shelf.get<KeptKey>('keys', unnumbered);
		if (kept) await this.settle(session, kept);
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
