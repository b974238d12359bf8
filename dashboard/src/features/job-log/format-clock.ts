/** Time of day in the reader's zone, to the millisecond: as in `14:05:09.120`. */
export function formatClock(iso: string): string {
  const at = new Date(iso);
  const [hours, minutes, seconds] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => padded(part, 2));
  return `${hours}:${minutes}:${seconds}.${padded(at.getMilliseconds(), 3)}`;
}

function padded(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
