import type { OpenSecrets, Runtime } from "../../../core/mod.ts";

/** The strongest first, as README has them. */
const STRENGTH: readonly string[] = ["secretmem", "pages", "sodium", "heap"];

/**
 * What is untrue of `memory: "auto"` here: it took the strongest memory that opens by its name, or names the
 * stronger one in `passedOver`, with the very reason for which that one does not open, or as one that was not
 * asked for.
 */
export function faultsOfAuto(entry: {
  readonly runtime: Runtime;
  readonly openSecrets: OpenSecrets;
}): readonly string[] {
  const names = entry.runtime.memories.map(({ name }) => name);
  const faults = `${names}` === `${STRENGTH}` ? [] : [`it offers ${names}`];
  const { memory, passedOver } = entry.openSecrets();
  const stronger = STRENGTH.slice(0, STRENGTH.indexOf(memory));
  if (`${passedOver.map((passed) => passed.memory)}` !== `${stronger}`) {
    faults.push(`it took ${memory} and passed over ${JSON.stringify(passedOver)}`);
  }
  for (const { memory: name, reason } of passedOver) {
    const expected = reasonFor(entry.openSecrets, name);
    const isTrue =
      expected === null ? /unasked: .*ask for it/.test(reason) : reason.includes(expected);
    if (!isTrue) faults.push(`${name} was passed over, ${reason}; by its name: ${expected}`);
  }
  return faults;
}

/** Why a memory does not open by its name, or null. */
function reasonFor(openSecrets: OpenSecrets, memory: string): string | null {
  try {
    openSecrets({ memory });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
