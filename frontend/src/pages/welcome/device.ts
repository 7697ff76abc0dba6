// How this device calls itself in the list of devices.
import type { Login } from '../../lib/session/session';

/** In this order: what comes later imitates what comes before it. */
const browsers = [
	['Firefox', /Firefox|FxiOS/],
	['Edge', /Edg(A|iOS)?\//],
	['Opera', /OPR\//],
	['Samsung Internet', /SamsungBrowser/],
	['Chromium', /Chrom(e|ium)|CriOS/],
	['Safari', /Safari/]
] as const;

const platforms = [
	['iPhone', /iPhone/],
	['iPad', /iPad/],
	['Android', /Android/],
	['Windows', /Windows/],
	['Mac', /Macintosh/],
	['Linux', /Linux|CrOS/]
] as const;

/** A name and a platform, of a browser that gives itself away; nothing of one that does not. */
export function deviceOf(userAgent: string): Pick<Login, 'device' | 'platform'> {
	const [browser] = browsers.find(([, form]) => form.test(userAgent)) ?? [];
	const [platform] = platforms.find(([, form]) => form.test(userAgent)) ?? [];
	return { ...(browser && { device: browser }), ...(platform && { platform }) };
}
