// Command lines of unit files: quoting, the prefix characters of ExecStart, specifiers, and variables
// (`$WORDS` becomes several arguments, `${VALUE}` is put in as it is), as systemd.service(5) has them.

export interface UnitCommand {
  readonly argv: readonly string[];
  /** Prefix "-": its failure counts as success. */
  readonly mayFail: boolean;
}

export interface CommandContext {
  readonly unitName: string;
  readonly hostname: string;
  readonly environment: Readonly<Record<string, string>>;
}

export function parseCommand(line: string, context: CommandContext): UnitCommand {
  const prefix = /^[-+!@:]*/.exec(line)?.[0] ?? "";
  const words = splitWords(line.slice(prefix.length));
  const argv = words
    .map((word) => withSpecifiers(word, context))
    .flatMap((word) => withVariables(word, context.environment));
  // "@" names the program's zeroth argument second; nothing here needs it.
  if (prefix.includes("@")) argv.splice(1, 1);
  return { argv, mayFail: prefix.includes("-") };
}

/** Splits as a shell does, without expanding anything. */
function splitWords(line: string): readonly string[] {
  const words = line.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs);
  return [...words].map(([word]) => unquote(word));
}

/** `A=b "C=d e"` as names and values. */
export function parseAssignments(text: string): readonly (readonly [string, string])[] {
  return splitWords(text).flatMap((word) => {
    const at = word.indexOf("=");
    return at < 1 ? [] : [[word.slice(0, at), word.slice(at + 1)] as const];
  });
}

/** Of an EnvironmentFile: an assignment a line. */
export function parseEnvironmentFile(text: string): readonly (readonly [string, string])[] {
  return text
    .split("\n")
    .filter((line) => !/^\s*[#;]/.test(line))
    .flatMap((line) => {
      const [, name, value] = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquote((value ?? "").trim())] as const];
    });
}

export function withSpecifiers(text: string, context: Omit<CommandContext, "environment">): string {
  const { unitName, hostname } = context;
  const stem = unitName.replace(/\.\w+$/, "");
  const at = stem.indexOf("@");
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    n: unitName,
    N: stem,
    p: at < 0 ? stem : stem.slice(0, at),
    i: at < 0 ? "" : stem.slice(at + 1),
    H: hostname,
    t: "/run",
    S: "/var/lib",
    L: "/var/log",
    C: "/var/cache",
  };
  return text.replaceAll(/%([%a-zA-Z])/g, (whole, letter: string) => values[letter] ?? whole);
}

function withVariables(
  word: string,
  environment: Readonly<Record<string, string>>,
): readonly string[] {
  const [, alone] = /^\$([A-Za-z_]\w*)$/.exec(word) ?? [];
  if (alone !== undefined) return splitWords(environment[alone] ?? "");
  const braced = word.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => environment[name] ?? "");
  return [braced.replaceAll("$$", "$")];
}

function unquote(word: string): string {
  return word.replaceAll(/"(?:\\.|[^"\\])*"|'[^']*'|\\./gs, (part) => {
    if (part.startsWith("'")) return part.slice(1, -1);
    const text = part.startsWith('"') ? part.slice(1, -1) : part;
    return text.replaceAll(/\\(.)/gs, "$1");
  });
}
