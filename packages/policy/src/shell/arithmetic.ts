/** Arithmetic of a text: what it may evaluate beyond numbers. Substitutions in it are found by the walk. */
import type { ArithmeticBinary, ArithmeticExpression, ArithmeticUnary, Word } from "unbash";
import type { Numbers } from "./numbers.ts";
import { isName } from "./variables.ts";

/** True when evaluating it starts nothing but the substitutions that it shows. */
export function isPlainArithmetic(expression: ArithmeticExpression | undefined, numbers: Numbers): boolean {
  if (!expression) return true;
  switch (expression.type) {
    case "ArithmeticBinary":
      return isPlainBinary(expression, numbers);
    case "ArithmeticUnary":
      return isPlainUnary(expression, numbers);
    case "ArithmeticTernary":
      return [expression.test, expression.consequent, expression.alternate].every((part) =>
        isPlainArithmetic(part, numbers),
      );
    case "ArithmeticGroup":
      return isPlainArithmetic(expression.expression, numbers);
    case "ArithmeticWord":
      return isPlainValue(expression.value, numbers);
    default:
      return false;
  }
}

/** An index or an operand: a number, or a variable that holds one. */
export function isPlainIndex({ value }: Word, numbers: Numbers): boolean {
  return value === "@" || value === "*" || isPlainValue(value, numbers);
}

function isPlainBinary({ operator, left, right }: ArithmeticBinary, numbers: Numbers): boolean {
  if (!isPlainArithmetic(right, numbers)) return false;
  if (operator !== "=" || left.type !== "ArithmeticWord" || !isName(left.value))
    return isPlainArithmetic(left, numbers);
  numbers.count(left.value);
  return true;
}

const isPlainUnary = ({ operand }: ArithmeticUnary, numbers: Numbers): boolean => isPlainArithmetic(operand, numbers);

function isPlainValue(value: string, numbers: Numbers): boolean {
  if (/^-?\d[\w#]*$/.test(value)) return true;
  if (/^\$(?:[#?$!]|\{#\w+(?:\[[@*]\])?\})$/.test(value)) return true;
  const [, name] = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(value) ?? [];
  return name !== undefined && numbers.use(name, value);
}
