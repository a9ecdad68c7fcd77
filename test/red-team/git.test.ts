/** Repositories that are made to have git do more than it was asked. */
import { makeRepository } from "./git-repository.ts";
import { gitPlanted } from "./mechanisms/git-planted.ts";
import { gitPrograms } from "./mechanisms/git-programs.ts";
import { gitReach } from "./mechanisms/git-reach.ts";
import { redTeam } from "./suite.ts";

redTeam([...gitPrograms, ...gitReach, ...gitPlanted], {
  prepare: async ({ workspace }) => makeRepository(workspace),
});
