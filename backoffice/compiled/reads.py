"""A graph that answers from compiled operations where it can, and by the normal executor where it cannot."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    FieldNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    get_argument_values,
    get_operation_ast,
)
from graphql.execution.values import get_variable_values
from sqlalchemy import Select

from backoffice.compiled.assembling import Assemble, assembler
from backoffice.compiled.shapes import Unsupported
from backoffice.compiled.shaping import Shaper
from backoffice.compiled.statements import ROOT, Builder
from backoffice.errors import BackofficeError
from backoffice.permissions import ActorKind, Capability, Contract, Viewer
from backoffice.resolvers import files
from backoffice.resolvers import subscribers as resolve_subscribers
from backoffice.resolvers.context import Context
from backoffice.schema.execution import Answer, Graph
from backoffice.schema.limits import fragments_of

_REMEMBERED_PLANS = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """One operation, ready to run: the one root that is supported is `subscriber`."""

    operation: OperationDefinitionNode
    root: FieldNode
    key: str
    statement: Select[Any]
    assemble: Assemble


class CompiledGraph(Graph):
    """Answers as `Graph` does, to the byte; `fallbacks` counts what took the normal way."""

    def __init__(self, graph: Graph, *, is_sqlite: bool) -> None:
        self.contract, self.schema, self._prepare = graph.contract, graph.schema, graph._prepare
        self._normal = graph
        self._is_sqlite = is_sqlite
        self._plans: OrderedDict[tuple[str, str | None, frozenset[Capability]], Plan | None] = OrderedDict()
        self.fallbacks = 0

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
        plan = self._plan(query, operation_name, context.viewer)
        if plan is not None:
            try:
                return await self._run(plan, variables or {}, context)
            except (Unsupported, BackofficeError):
                pass  # the normal executor answers, or refuses in the one form that refusals have
        self.fallbacks += 1
        return await self._normal.execute(
            query=query,
            variables=variables,
            operation_name=operation_name,
            context=context,
            allow_mutation=allow_mutation,
        )

    def _plan(self, query: str, operation_name: str | None, viewer: Viewer) -> Plan | None:
        if viewer.kind is not ActorKind.STAFF or viewer.contract is not Contract.STAFF:
            return None  # their rows depend on who they are, and a plan is shared
        key = (query, operation_name, viewer.capabilities)
        if key not in self._plans:
            try:
                self._plans[key] = self._compile(query, operation_name, viewer)
            except Unsupported:
                self._plans[key] = None
            if len(self._plans) > _REMEMBERED_PLANS:
                self._plans.popitem(last=False)
        self._plans.move_to_end(key)
        return self._plans[key]

    def _compile(self, query: str, operation_name: str | None, viewer: Viewer) -> Plan:
        document = self.document(query)
        operation = get_operation_ast(document, operation_name) if document else None
        if document is None or operation is None or operation.operation is not OperationType.QUERY:
            raise Unsupported("not one valid query")
        root = _only_root(operation)
        defined = self._query_type().fields[root.name.value]
        shape = Shaper(fragments_of(document), viewer).root(defined, root)
        key = root.alias.value if root.alias else root.name.value
        # The rows that any member of the staff may see are the same, so the plan may be shared between them.
        statement = Builder(is_sqlite=self._is_sqlite, viewer=viewer).root(shape)
        return Plan(operation, root, key, statement, assembler(shape))

    async def _run(self, plan: Plan, variables: dict[str, Any], context: Context) -> Answer:
        context.operation_name = plan.operation.name.value if plan.operation.name else None
        owner = await resolve_subscribers.owner_of(context, self._by(plan, variables))
        if not owner:
            return Answer({"data": {plan.key: None}})
        async with context.database.reading() as session:
            found = await session.execute(
                plan.statement, {ROOT: owner, "at": context.at, "today": context.moment.today}
            )
            text = found.scalar_one_or_none()
        if text is None:
            raise Unsupported("an id of nobody, which the normal way writes down")
        answer = plan.assemble(orjson.loads(text) if isinstance(text, str) else text, context)
        await files.opened(context, owner)
        return Answer({"data": {plan.key: answer}})

    def _by(self, plan: Plan, variables: dict[str, Any]) -> dict[str, str]:
        """The one key of `subscriber(by:)`; what cannot be read is refused by the normal executor in its own words."""
        known = get_variable_values(self.schema._schema, plan.operation.variable_definitions or (), variables)
        if isinstance(known, list):
            raise Unsupported("variables that cannot be used")
        arguments = get_argument_values(self._query_type().fields[plan.root.name.value], plan.root, known)
        given = {name: value for name, value in arguments["by"].items() if value is not Undefined}
        if len(given) != 1 or any(not isinstance(value, str) for value in given.values()):
            raise Unsupported("not exactly one key")
        return given

    def _query_type(self) -> GraphQLObjectType:
        return _object(self.schema._schema.query_type)


def _only_root(operation: OperationDefinitionNode) -> FieldNode:
    selections = operation.selection_set.selections
    root = selections[0]
    if len(selections) != 1 or not isinstance(root, FieldNode) or root.name.value != "subscriber" or root.directives:
        raise Unsupported("roots other than one 'subscriber'")
    return root


def _object(kind: Any) -> GraphQLObjectType:
    assert isinstance(kind, GraphQLObjectType)
    return kind
