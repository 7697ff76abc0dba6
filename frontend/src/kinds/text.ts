/** A field as text; nothing when it is none. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
