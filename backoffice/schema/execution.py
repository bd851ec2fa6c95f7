"""One face of the graph, ready to answer: parse, validate, execute, with refusals as coded errors."""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoFragmentCyclesRule,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    lexicographic_sort_schema,
    parse,
    print_schema,
    validate,
)
from strawberry.schema.config import StrawberryConfig

from backoffice.errors import BackofficeError
from backoffice.permissions import Contract
from backoffice.resolvers.context import Context
from backoffice.schema import limits
from backoffice.schema.access import require_rules
from backoffice.schema.mutations import Mutation
from backoffice.schema.problems import PROBLEMS
from backoffice.schema.queries import Query
from backoffice.schema.scalars import SCALARS

_logger = logging.getLogger("backoffice.graph")

_MOST_TOKENS = 2_000
# A document in memory is some hundred times its text, so the remembered ones are few and short.
_REMEMBERED_DOCUMENTS = 200
_LONGEST_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class Answer:
    """What the graph answers. A request error has no data: the document never ran."""

    body: dict[str, Any]
    is_request_error: bool = False
    is_mutation_refused: bool = False
    """A mutation came by a way that must not change anything."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document that was parsed and validated, or why it could not be."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class _Documents:
    """Prepares documents and remembers those that are valid and short, the latest used ones.

    Validation depends on the document and the contract alone, never on the viewer, so it may be remembered.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._known: OrderedDict[str, _Prepared] = OrderedDict()

    def __call__(self, query: str) -> _Prepared:
        """The document of `query`, or why it is refused."""
        known = self._known.get(query)
        if known is not None:
            self._known.move_to_end(query)
            return known
        prepared = _prepared(self._schema, query)
        if prepared.document is not None and len(query) <= _LONGEST_REMEMBERED:
            self._known[query] = prepared
            if len(self._known) > _REMEMBERED_DOCUMENTS:
                self._known.popitem(last=False)
        return prepared


class Graph:
    """The schema of a contract with its caches."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.schema = _schema(contract)
        self._prepare = _Documents(self.schema._schema)

    async def execute(
        self,
        *,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        context: Context,
        allow_mutation: bool,
    ) -> Answer:
        """Answer one request."""
        prepared = self._prepare(query)
        if prepared.document is None:
            return Answer({"errors": [_unprepared(error) for error in prepared.errors]}, is_request_error=True)
        operation = get_operation_ast(prepared.document, operation_name)
        if operation is None:
            return _unknown_operation(prepared.document, operation_name)
        if operation.operation is not OperationType.QUERY and not allow_mutation:
            return _mutation_refused()
        try:
            limits.require_bearable(self.schema._schema, prepared.document, operation, variables or {})
        except (limits.DocumentTooCostly, limits.TooManyDocuments) as costly:
            return _refused(costly.code, costly.message)
        context.operation_name = operation.name.value if operation.name else None
        result = execute(
            self.schema._schema,
            prepared.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        return _answer(result if isinstance(result, ExecutionResult) else await result, context)

    def document(self, query: str) -> DocumentNode | None:
        """The parsed document when it is valid; remembered."""
        return self._prepare(query).document


def _prepared(schema: GraphQLSchema, query: str) -> _Prepared:
    """Parse, measure and validate: whatever does not depend on the values of the variables."""
    try:
        limits.require_short(query)
        document = parse(query, max_tokens=_MOST_TOKENS)
        # Only what has no circle can be measured, and only what was measured is cheap to validate.
        errors = validate(schema, document, [NoFragmentCyclesRule])
        if not errors:
            limits.require_small(document)
            errors = validate(schema, document)
        if not errors:
            _require_bearable(schema, document)
    except GraphQLSyntaxError as unreadable:
        return _Prepared(None, (unreadable,))
    except BackofficeError as refused:
        return _Prepared(None, (GraphQLError(refused.message, original_error=refused),))
    except RecursionError:  # the parser goes down with the text: there is no tree to measure
        too_deep = limits.DocumentTooDeep()
        return _Prepared(None, (GraphQLError(too_deep.message, original_error=too_deep),))
    return _Prepared(None, tuple(errors)) if errors else _Prepared(document)


def _require_bearable(schema: GraphQLSchema, document: DocumentNode) -> None:
    for each in document.definitions:
        if isinstance(each, OperationDefinitionNode):
            limits.require_bearable(schema, document, each, None)


class ContractNotServed(BackofficeError):
    """There is no graph for this contract."""

    code = "CONTRACT_NOT_SERVED"

    def __init__(self, contract: Contract) -> None:
        super().__init__(f"There is no graph for {contract.value} yet; this version serves STAFF.")


def _schema(contract: Contract) -> strawberry.Schema:
    if contract is not Contract.STAFF:
        raise ContractNotServed(contract)
    made = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=list(PROBLEMS),
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    require_rules(made)
    return made


def sdl(contract: Contract) -> str:
    """The schema of a contract in the schema definition language, sorted."""
    return print_schema(lexicographic_sort_schema(_schema(contract)._schema)) + "\n"


def _unknown_operation(document: DocumentNode, name: str | None) -> Answer:
    known = [
        each.name.value for each in document.definitions if isinstance(each, OperationDefinitionNode) and each.name
    ]
    if not any(isinstance(each, OperationDefinitionNode) for each in document.definitions):
        return _refused("NO_OPERATION", "The document has no operation; write a query.")
    if name is None:
        return _refused("OPERATION_NAME_NEEDED", f"Say with 'operationName' which of {', '.join(known)} to run.")
    return _refused("UNKNOWN_OPERATION", f"The document has no such operation; it has {', '.join(known) or 'no name'}.")


def _mutation_refused() -> Answer:
    said = _refused("MUTATION_BY_GET", "A mutation must be sent by POST.")
    return Answer(said.body, is_request_error=True, is_mutation_refused=True)


def _refused(code: str, message: str) -> Answer:
    return Answer({"errors": [{"message": message, "extensions": {"code": code}}]}, is_request_error=True)


def _answer(result: ExecutionResult, context: Context) -> Answer:
    failed = result.errors or ()
    if result.data is None and failed and all(error.path is None for error in failed):
        # The document is valid and no field ran: a variable cannot be used.
        return Answer(
            {"errors": [_formatted(error, "BAD_VARIABLES", error.message) for error in failed]}, is_request_error=True
        )
    body: dict[str, Any] = {"data": result.data}
    if failed:
        body["errors"] = [_shown(error, context) for error in failed]
    return Answer(body)


def _unprepared(error: GraphQLError) -> dict[str, Any]:
    """Why a document cannot run."""
    if isinstance(error.original_error, BackofficeError):
        return _formatted(error, error.original_error.code, error.message)
    # The library has bounds of its own, and tells them in these words alone.
    if error.message.endswith("nested too deeply. Parsing aborted.") or error.message == "Validation aborted.":
        return _formatted(error, limits.DocumentTooDeep.code, limits.DocumentTooDeep().message)
    if isinstance(error, GraphQLSyntaxError):
        is_long = error.message.endswith("tokens. Parsing aborted.")
        return _formatted(error, limits.DocumentTooLarge.code if is_long else "SYNTAX_ERROR", error.message)
    return _formatted(error, "VALIDATION_FAILED", error.message)


def _shown(error: GraphQLError, context: Context) -> dict[str, Any]:
    """An error of a field as it may leave: coded, and silent about what is inside."""
    cause = error.original_error
    if isinstance(cause, BackofficeError):
        return _formatted(error, cause.code, cause.message)
    if isinstance(cause, GraphQLError) and cause.nodes:
        # It points at an argument: a variable that may be null was given null where a value is needed.
        return _formatted(error, "BAD_VARIABLES", error.message)
    _logger.error("a field failed", exc_info=cause or error, extra={"request_id": context.request_id})
    return _formatted(error, "INTERNAL", f"Something went wrong on our side; quote {context.request_id} to support.")


def _formatted(error: GraphQLError, code: str, message: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    return {**shown, "extensions": {"code": code}}
