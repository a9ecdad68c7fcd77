/** What the doctor looks at, in the order in which things depend on each other. */
import { PaddockError } from "@paddock/contract";
import { type Finding, fail, type Patient } from "./finding.ts";
import { machineChecks } from "./machine.ts";
import { partChecks } from "./parts.ts";
import { reachChecks } from "./reach.ts";
import { settingsChecks } from "./settings.ts";

/** A check that cannot be made is a finding too: the doctor is for when things are broken. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of [...settingsChecks, ...machineChecks, ...partChecks, ...reachChecks]) {
    try {
      const finding = await check(patient);
      if (finding) findings.push(finding);
    } catch (error) {
      if (!(error instanceof PaddockError)) throw error;
      findings.push(fail(error.message, error.nextStep));
    }
  }
  return findings;
}
