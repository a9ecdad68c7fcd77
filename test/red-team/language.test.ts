/** Commands that do not look like what they do. */
import { shellLanguage } from "./mechanisms/shell-language.ts";
import { redTeam } from "./suite.ts";

redTeam(shellLanguage);
