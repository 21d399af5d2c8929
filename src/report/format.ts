// Owns: numbers as a reader of the report takes them in at a glance.
// Promises: no locale, no clock: the same number is the same text everywhere; an unknown cost is said to be unknown.
// Never: rounds a cost that is not zero to zero.
import { grouped } from '../contract/text.ts';

/** 950, 12.3k, 4.56M. */
export function short(count: number): string {
  if (count < 10_000) return grouped(count);
  if (count < 999_500) return `${digits(count / 1e3)}k`;
  return count < 999_500_000 ? `${digits(count / 1e6)}M` : `${digits(count / 1e9)}G`;
}

export function money(cost: number | null): string {
  if (cost === null) return 'unknown';
  if (cost === 0) return '$0';
  if (cost >= 100) return `$${grouped(cost)}`;
  if (cost >= 0.1) return `$${cost.toFixed(2)}`;
  return cost >= 0.0001 ? `$${cost.toFixed(4)}` : '< $0.0001';
}

/** 85 ms, 4.2 s, 3 m 05 s, 2 h 10 m. */
export function time(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${two(seconds % 60)} s`;
  return `${grouped(Math.floor(seconds / 3600))} h ${two(Math.floor((seconds % 3600) / 60))} m`;
}

export function percent(part: number, of: number): string {
  return of === 0 ? '–' : `${Math.round((part / of) * 100)}%`;
}

/** 2026-11-20 09:07:03 UTC */
export function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

export function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? 0;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? upper)) / 2 : upper;
}

function digits(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
