/**
 * Builds the documents, the reference of the API and the report of the conformance suite into `site/dist`, a
 * folder for any static host.
 *
 *     npm run site [-- --report FOLDER] [--base /PATH/]
 *
 * The report is what `npm run report` wrote, by default into lethe-report; without it the site says how to
 * make one. The generator is installed in `site` at the first time.
 */
import { execFileSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { writeContent, writeReport } from "./site/content.ts";

const { values } = parseArgs({
  options: {
    report: { type: "string", default: "lethe-report" },
    base: { type: "string", default: "/" },
  },
});

if (!existsSync("site/node_modules/vitepress")) {
  // No script of a package runs: the generator's own binaries come as packages.
  execFileSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: "site",
    stdio: "inherit",
    shell: process.platform === "win32",
  });
}
const pages = writeContent();
// A run that was cut off left it empty.
const page = join(values.report, "report.html");
const hasReport = existsSync(page) && statSync(page).size > 0;
if (hasReport) writeReport(values.report);
execFileSync(process.execPath, ["node_modules/vitepress/bin/vitepress.js", "build"], {
  cwd: "site",
  stdio: ["ignore", "ignore", "inherit"],
  env: { ...process.env, LETHE_SITE_BASE: values.base, LETHE_SITE_REPORT: hasReport ? "1" : "" },
});
const built = globSync("site/dist/**/*.html").length;
process.stdout.write(
  `site/dist: ${built} pages of ${pages.length} documents, ${hasReport ? "with" : "WITHOUT"} the report of the suite\n`,
);
