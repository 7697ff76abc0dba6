// Wall-clock time in a zone, as an instant and as the wall clock here.
import { wallClock } from '../../lib/i18n/days';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatIn(zone: string): Intl.DateTimeFormat | undefined {
	let format = formats.get(zone);
	if (format) return format;
	try {
		format = new Intl.DateTimeFormat('en-GB', {
			timeZone: zone,
			dateStyle: 'short',
			timeStyle: 'medium',
			hourCycle: 'h23'
		});
	} catch {
		return undefined;
	}
	formats.set(zone, format);
	return format;
}

/** How far the zone is ahead of UTC at the instant, in ms. */
function offset(format: Intl.DateTimeFormat, at: number): number {
	const [, d, m, y, h, min, s] = /(\d+)\/(\d+)\/(\d+), (\d+):(\d+):(\d+)/
		.exec(format.format(at))!
		.map(Number);
	return Date.UTC(y!, m! - 1, d!, h!, min!, s!) - Math.floor(at / 1000) * 1000;
}

/**
 * The wall clock here, 'YYYY-MM-DDTHH:MM', of a local time in a zone. A floating
 * time, an unknown zone and our own zone leave it as it is.
 */
export function here(local: string, zone: string | null | undefined, ours: string): string {
	const same = local.slice(0, 16);
	if (!zone || zone === ours) return same;
	const format = formatIn(zone);
	if (!format) return same;
	const asUTC = Date.parse(`${same}:00Z`);
	const first = asUTC - offset(format, asUTC);
	return wallClock(new Date(asUTC - offset(format, first)));
}

export const ourZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
