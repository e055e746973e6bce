// Device numbers in the two forms that Linux shows them: "259:1" in sysfs and mountinfo, one integer
// in stat(2). They are compared as text everywhere, since that is the only form that people can read.

/** The "major:minor" of a stat(2) number, by glibc's layout (below 2^32: every block device's). */
export function majorMinorOf(device: number): string {
  const major = (device >>> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  return `${major}:${minor}`;
}
