/** A secret that a command is to get. */
export interface Wanted {
  /** Letters, digits and `_`: the command finds the descriptor's number in `LETHE_FD_<NAME>`. */
  readonly name: string;
  /** Null for one that is asked for. */
  readonly keyFile: string | null;
}

export interface RunParameters {
  readonly wanted: readonly Wanted[];
  readonly command: readonly string[];
}

/** The variable that tells a command the number of a descriptor. Never what is behind it. */
export function variableOf(name: string): string {
  return `LETHE_FD_${name.toUpperCase()}`;
}

/**
 * `--prompt NAME` and `--key [NAME=]PATH`, each as often as wanted, then `--`, then the command.
 *
 * @throws {TypeError} with one line that says what is wrong
 */
export function readParameters(parameters: readonly string[]): RunParameters {
  const split = parameters.indexOf("--");
  if (split < 0) throw new TypeError("-- and a command are needed; see run --help");
  const command = parameters.slice(split + 1);
  if (command.length === 0) throw new TypeError("a command is needed behind --");
  const wanted = readWanted(parameters.slice(0, split));
  const variables = wanted.map(({ name }) => variableOf(name));
  const twice = variables.find((variable, index) => variables.indexOf(variable) !== index);
  if (twice !== undefined) throw new TypeError(`two secrets would have the variable ${twice}`);
  if (wanted.length === 0) throw new TypeError("at least one --prompt or --key is needed");
  return { wanted, command };
}

function readWanted(parameters: readonly string[]): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (let index = 0; index < parameters.length; index += 2) {
    const [option = "", value = ""] = parameters.slice(index, index + 2);
    if (option !== "--prompt" && option !== "--key") {
      throw new TypeError(`there is no option ${option}; see run --help`);
    }
    if (value === "") throw new TypeError(`${option} needs a value`);
    if (option === "--prompt") wanted.push({ name: checked(value), keyFile: null });
    else wanted.push(keyOf(value));
  }
  return wanted;
}

function keyOf(value: string): Wanted {
  const [, given, path = value] = /^([A-Za-z_]\w*)=(.+)$/s.exec(value) ?? [];
  if (given !== undefined) return { name: given, keyFile: path };
  const base = path.slice(path.lastIndexOf("/") + 1).replaceAll(/\W/g, "_");
  return { name: checked(base), keyFile: path };
}

function checked(name: string): string {
  if (/^[A-Za-z_]\w*$/.test(name)) return name;
  throw new TypeError(
    `${JSON.stringify(name)} is no name: letters, digits and _, not beginning with a digit`,
  );
}
