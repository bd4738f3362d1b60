/** The text of a Slack answer, whether it came as text or as a message. */
export function plainText(answer: string): string {
  try {
    const { text } = JSON.parse(answer) as { text?: string };
    return text ?? answer;
  } catch {
    return answer;
  }
}
