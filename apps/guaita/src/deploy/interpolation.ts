/** A text of a stack's file as Docker's client makes it of variables: `${NAME:-otherwise}`. */
export function resolved(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+):-([^}]*)\}/g, (_, variable: string, otherwise: string) => {
    return variables[variable] || otherwise;
  });
}
