// The command line of systemctl: words (a verb and units) apart from options, of which those that
// change an answer are kept and the rest (--no-pager, --no-legend) have no effect here.

export interface Options {
  readonly flags: ReadonlySet<string>;
  readonly properties: readonly string[];
  readonly signal: NodeJS.Signals;
  readonly who: string;
}

/** Options that take a value; "o" and "n" are for listings. */
const valued = [
  ...["p", "property", "P", "s", "signal", "kill-who", "kill-whom"],
  ...["t", "type", "job-mode", "o", "n"],
];

export function parseOptions(args: readonly string[]): {
  readonly words: readonly string[];
  readonly options: Options;
} {
  const words: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (let at = 0; at < args.length; at += 1) {
    const [, name, joined] = /^--?([a-z-]+|[A-Z])(?:=(.*))?$/s.exec(args[at] ?? "") ?? [];
    if (name === undefined) words.push(args[at] ?? "");
    else if (!valued.includes(name)) flags.add(name);
    else values.set(name, [...(values.get(name) ?? []), joined ?? args[(at += 1)] ?? ""]);
  }
  if (values.has("P")) flags.add("value");
  const last = (...names: readonly string[]) =>
    names.flatMap((name) => values.get(name) ?? []).at(-1);
  const properties = ["p", "property", "P"]
    .flatMap((name) => values.get(name) ?? [])
    .flatMap((list) => list.split(","));
  const who = last("kill-who", "kill-whom") ?? "all";
  return {
    words,
    options: { flags, properties, who, signal: signalNamed(last("s", "signal") ?? "TERM") },
  };
}

function signalNamed(text: string): NodeJS.Signals {
  const known: readonly NodeJS.Signals[] = [
    "SIGKILL",
    "SIGTERM",
    "SIGINT",
    "SIGHUP",
    "SIGSTOP",
    "SIGCONT",
    "SIGQUIT",
    "SIGUSR1",
    "SIGUSR2",
    "SIGABRT",
    "SIGSEGV",
  ];
  const numbers: Readonly<Record<string, NodeJS.Signals>> = {
    "9": "SIGKILL",
    "15": "SIGTERM",
    "2": "SIGINT",
  };
  const named = known.find((signal) => signal === text || signal === `SIG${text}`) ?? numbers[text];
  if (named !== undefined) return named;
  throw new Error(`Cannot send "${text}": it is not a signal that is known here`);
}
