/** Milliseconds since the epoch as the local API and alarms tell them. */
export function moment(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
