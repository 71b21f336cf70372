/**
 * Draws the picture of README from a run of `lethe residue`, light and dark.
 *
 *     node cli/main.ts residue --json > run.json
 *     node tools/residue_picture.ts run.json     keeps the run's counts in docs/residue.json, and draws them
 *     node tools/residue_picture.ts --check      fails when a picture is not that of docs/residue.json
 */
import { readFileSync, writeFileSync } from "node:fs";
import { release } from "node:os";
import process from "node:process";

/** Copies of the password, for each process of the approach. */
interface Row {
  readonly title: string;
  readonly runtime: string;
  readonly live: readonly number[];
  readonly later: readonly number[];
}

interface Run {
  readonly system: string;
  readonly rows: readonly Row[];
}

interface Surveyed {
  readonly title: string;
  readonly runtime: string;
  readonly failure: string | null;
  readonly copiesByProcess: Readonly<Record<"live" | "later", readonly number[]>>;
}

const KEPT = "docs/residue.json";
const PALETTES = {
  "docs/residue.svg": { text: "#1f2328", faint: "#59636e", copy: "#cf222e", none: "#1a7f37" },
  "docs/residue-dark.svg": { text: "#f0f6fc", faint: "#9198a1", copy: "#f85149", none: "#3fb950" },
} as const;
type Palette = (typeof PALETTES)[keyof typeof PALETTES];

const WIDTH = 760;
const ROW = 30;
const TOP = 74;
const COLUMNS = { live: 260, later: 520 } as const;

/** The counts of Lethe and of each other approach; of Lethe's runtimes the one that the others ran on. */
function reduce(surveyed: readonly Surveyed[]): Run {
  const runtime = surveyed.find((row) => !isOurs(row))?.runtime ?? "";
  const rows = surveyed.filter((row) => row.failure === null && row.runtime === runtime);
  const counts = rows.map(({ title, copiesByProcess: { live, later } }) => ({
    title,
    runtime,
    live,
    later,
  }));
  const worstFirst = counts.sort(
    (a, b) =>
      Number(isOurs(a)) - Number(isOurs(b)) ||
      total(b.later) - total(a.later) ||
      total(b.live) - total(a.live),
  );
  const [kernel] = /^\d+\.\d+/.exec(release()) ?? [release()];
  return { system: `${process.platform} ${kernel}, ${process.arch}`, rows: worstFirst };
}

function isOurs({ title }: { readonly title: string }): boolean {
  return title.startsWith("Lethe");
}

function total(copies: readonly number[]): number {
  return copies.reduce((sum, copy) => sum + copy, 0);
}

function draw({ rows, system }: Run, palette: Palette): string {
  const height = TOP + rows.length * ROW + 34;
  const words = rows.map(
    ({ title, live, later }) => `${title}: ${total(live)} in use, ${total(later)} afterwards`,
  );
  const body = [
    line(16, 26, "Copies of one password in memory, in any encoding", palette.text, "600 16px"),
    line(COLUMNS.live, 56, "while the program uses it", palette.faint, "13px"),
    line(COLUMNS.later, 56, "after the program dropped it", palette.faint, "13px"),
    ...rows.flatMap((row, index) => drawRow(row, TOP + index * ROW, palette)),
    line(16, height - 12, `One run: ${rows[0]?.runtime}, ${system}`, palette.faint, "12px"),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title">
<title id="title">Copies of one password in memory. ${words.join(". ")}.</title>
<g font-family="system-ui, -apple-system, 'Segoe UI', sans-serif">
${body.join("\n")}
</g>
</svg>
`;
}

function drawRow(row: Row, top: number, palette: Palette): readonly string[] {
  const font = isOurs(row) ? "600 14px" : "14px";
  const parts = [line(16, top + 18, row.title, palette.text, font)];
  for (const moment of ["live", "later"] as const) {
    const copies = row[moment];
    const [left, sum] = [COLUMNS[moment], total(copies)];
    const colour = sum === 0 ? palette.none : palette.copy;
    const squares = Array.from({ length: sum }, (_, index) => {
      const [column, line] = [index % 16, Math.floor(index / 16)];
      return `<rect x="${left + 30 + column * 11}" y="${top + 3 + line * 11}" width="9" height="9" rx="1.5" fill="${colour}"/>`;
    });
    parts.push(line(left, top + 18, String(sum), colour, "600 15px"), ...squares);
  }
  return parts;
}

function line(x: number, y: number, text: string, fill: string, font: string): string {
  const [weight, size] = font.includes(" ") ? font.split(" ") : ["400", font];
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" font-weight="${weight}" font-size="${size}" fill="${fill}">${safe}</text>`;
}

const [given] = process.argv.slice(2);
const check = given === "--check";
if (given !== undefined && !check) {
  const run = reduce(JSON.parse(readFileSync(given, "utf8")) as readonly Surveyed[]);
  writeFileSync(KEPT, `${JSON.stringify(run, null, 2)}\n`);
}
const run = JSON.parse(readFileSync(KEPT, "utf8")) as Run;
for (const [path, palette] of Object.entries(PALETTES)) {
  const picture = draw(run, palette);
  if (!check) writeFileSync(path, picture);
  else if (readFileSync(path, "utf8") !== picture) {
    process.stderr.write(
      `${path} is not the picture of ${KEPT}: run node tools/residue_picture.ts\n`,
    );
    process.exitCode = 1;
  }
}
