/** A wish that cannot be granted, with the HTTP status that says why. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}
