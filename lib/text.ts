/** A text that has at most so many characters, the last of them an ellipsis where something was left out. */
export function cutText(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
