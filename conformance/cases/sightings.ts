import { CheckError, check, NotRun } from "../check.ts";
import { derivedNeedle, unmask } from "../forensics/derived_needle.ts";
import type { Needle } from "../forensics/needle.ts";
import type { Finding, ScanReport } from "../forensics/report.ts";
import type { OperationName } from "../target/operations.ts";
import type { TargetHeld, Way } from "../target/requests.ts";
import type { Target } from "../target/target.ts";

/** Secrets of this length: below 64 bytes engines keep typed arrays inside the collected heap. */
export const NEEDLE_BYTES = 32;

/** A needle that the target was asked to hold, and what it said of it. */
export interface HeldNeedle extends TargetHeld {
  readonly seed: number;
  readonly needle: Needle;
}

/** What a look from outside found: for each needle its copies, and how much was looked at. */
export interface Sight {
  copiesOf(...needles: readonly Needle[]): readonly Finding[];
  readonly scope: string;
}

/** Looks into a target from outside. */
export class Observer {
  readonly target: Target;
  readonly #control: Needle;

  private constructor(target: Target, control: Needle) {
    this.target = target;
    this.#control = control;
  }

  /**
   * Puts one copy of a needle into ordinary memory of the target, to be found by every look. A
   * scanner that does not see this one sees nothing, and its "not found" is worth nothing.
   */
  static async of(target: Target, byteLength: number = NEEDLE_BYTES): Promise<Observer> {
    const seed = nextSeed();
    await target.ask({ do: "control", seed, byteLength });
    return new Observer(target, derivedNeedle(seed, byteLength, `control ${seed}`));
  }

  /** Lets the target make a secret by `operation`. Its needle is derived on either side. */
  async hold(operation: OperationName, byteLength: number = NEEDLE_BYTES): Promise<HeldNeedle> {
    const seed = nextSeed();
    const held = await this.target.ask({ do: "hold", operation, seed, byteLength });
    const label = `${operation} ${seed}`;
    if (held.masked === undefined) {
      return { ...held, seed, needle: derivedNeedle(seed, byteLength, label) };
    }
    return { ...held, seed, needle: { label, bytes: unmask(seed, fromHex(held.masked)) } };
  }

  /** The bytes that the secret has now, as the target reads them. It must be the last one held. */
  async read({ seed }: HeldNeedle): Promise<Uint8Array> {
    return unmask(seed, fromHex(await this.target.ask({ do: "reveal", seed })));
  }

  async look(...needles: readonly Needle[]): Promise<Sight> {
    return this.#judge(await this.target.scan([...needles, this.#control]));
  }

  /** As `look`, in the core file of a target that died. */
  async lookInCore(...needles: readonly Needle[]): Promise<Sight> {
    return this.#judge(await this.target.scanCore([...needles, this.#control]));
  }

  /** As `look`, in a core file of the live target. @throws {NotRun} */
  async lookInLiveCore(...needles: readonly Needle[]): Promise<Sight> {
    const { scanLiveCore } = this.target;
    if (scanLiveCore === undefined) throw new NotRun("the target has no core file while it lives");
    return this.#judge(await scanLiveCore.call(this.target, [...needles, this.#control]));
  }

  /** As `look`, when the target has ended in that way and nothing more of it will run. */
  async lookAtExit(way: Way, ...needles: readonly Needle[]): Promise<Sight> {
    const { scanAtExit } = this.target;
    if (scanAtExit === undefined) throw new NotRun("the target cannot be seen at its end");
    return this.#judge(await scanAtExit.call(this.target, way, [...needles, this.#control]));
  }

  /** Where the copy in ordinary memory lies. */
  async controlAddress(): Promise<bigint> {
    const [copy] = (await this.look()).copiesOf(this.#control);
    if (copy === undefined) throw new CheckError("the scanner is blind");
    return copy.address;
  }

  #judge(report: ScanReport): Sight {
    const found = Map.groupBy(report.findings, ({ needle }) => needle);
    check(
      found.has(this.#control.label),
      "the scanner is blind: it does not find the copy that lies there to be found",
    );
    return {
      copiesOf: (...needles) => needles.flatMap(({ label }) => found.get(label) ?? []),
      scope: `${(report.bytesScanned / 1e6).toFixed(0)} MB in ${report.mappingsScanned} mappings`,
    };
  }
}

/** Says where copies lie, for evidence and for failures. */
export function places(copies: readonly Finding[]): string {
  return copies
    .map(({ address, encoding, coveredBytes, mapping }) => {
      const where = `${mapping.permissions} ${mapping.name || "anonymous"}`;
      return `${encoding} (${coveredBytes} bytes) at ${address.toString(16)} in ${where}`;
    })
    .join("; ");
}

/** Another for each needle of this process. */
function nextSeed(): number {
  seeds = (seeds + 0x9e3779b1) >>> 0;
  return seeds;
}

let seeds = Math.floor(Math.random() * 2 ** 32);

function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(text.length / 2));
  for (let at = 0; at < bytes.length; at++)
    bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
