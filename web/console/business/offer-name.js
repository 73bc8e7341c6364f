// @ts-check

/** What a session type is called among its coach's own. @param {{names: {[language: string]: string}}} offer */
export function offerName({ names }) {
  return names.en ?? Object.values(names)[0] ?? "";
}
