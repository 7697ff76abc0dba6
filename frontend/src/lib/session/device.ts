// What a browser gives away of itself, for the list of devices.

/** In this order: what comes later is imitated by what comes before. */
const browsers: [RegExp, string][] = [
	[/Edg/, 'Edge'],
	[/OPR/, 'Opera'],
	[/SamsungBrowser/, 'Samsung Internet'],
	[/Firefox|FxiOS/, 'Firefox'],
	[/Chrome|CriOS/, 'Chrome'],
	[/Safari/, 'Safari']
];

const platforms: [RegExp, string][] = [
	[/iPhone/, 'iPhone'],
	[/iPad/, 'iPad'],
	[/Android/, 'Android'],
	[/Windows/, 'Windows'],
	[/Mac/, 'macOS'],
	[/CrOS/, 'ChromeOS'],
	[/Linux/, 'Linux']
];

/** A name for a device, and its platform; of one that gives nothing away "Browser" and "". */
export function deviceOf(userAgent: string): { device: string; platform: string } {
	const find = (names: [RegExp, string][]) => names.find(([sign]) => sign.test(userAgent))?.[1];
	const browser = find(browsers) ?? 'Browser';
	const platform = find(platforms) ?? '';
	return { device: platform ? `${browser} · ${platform}` : browser, platform };
}
