"""Access rules of the graph: each field states who may see it, and a field without a rule breaks the build.

`see` makes a field with its rule. `of` makes a type whose fields are read as the declarations of an entity say; `value`
makes a type of plain values, seen by whoever may see the field that leads to them.
"""

import copy
from collections.abc import Callable
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from backoffice.errors import Forbidden
from backoffice.fields.declare import Declared, Entity, Relation
from backoffice.permissions import Capability, Contract, Denial, Rule
from backoffice.resolvers import read, roots
from backoffice.schema import enums as enums  # registered before any type names one

T = TypeVar("T", bound=type)

_STAFF = frozenset({Contract.STAFF})


class UnruledField(TypeError):
    """A field of the graph says nothing about who may see it."""


class Field(StrawberryField):
    """A field with a rule and, unless it has a resolver, a declaration to read it by."""

    rule: Rule | None = None
    declared: Declared | None = None
    entity: Entity | None = None
    is_value: bool = False
    is_root_list: bool = False

    def __copy__(self) -> "Field":
        made: Field = super().__copy__()
        for name in ("rule", "declared", "entity", "is_value", "is_root_list"):
            setattr(made, name, getattr(self, name))
        return made

    @property
    def is_basic_field(self) -> bool:
        """Never: a basic field would be read without its rule."""
        return self.is_value and self.base_resolver is None

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """The field's value for `source`, or its refusal."""
        if self.rule is not None and self.rule.needs not in info.context.viewer.capabilities:
            return _denied(self.rule)
        if self.base_resolver is not None:
            return self.base_resolver(*args, **kwargs)
        if self.is_root_list:
            return roots.listed(self.python_name, info.context, kwargs)
        if self.declared is None or self.entity is None:
            return super().get_result(source, info, args, kwargs)
        return read.value(
            self.entity, self.declared, source, name=self.python_name, context=info.context, arguments=kwargs
        )


def see(
    needs: Capability,
    description: str,
    *,
    by: Callable[..., Any] | None = None,
    where: Any = None,
    sort: Any = None,
    contracts: frozenset[Contract] = _STAFF,
    denial: Denial = Denial.ERROR,
    name: str | None = None,
    deprecated: str | None = None,
) -> Any:
    """A field that needs a capability. `by` is its resolver; without one it is read as its entity declares it.

    `where` and `sort` are the input types with which a list can be filtered and sorted.
    """
    made = Field(
        graphql_name=name,
        description=f"{description}\n\nRequires: {needs.value}",
        deprecation_reason=deprecated,
        type_annotation=None,
        metadata={"where": where, "sort": sort},
    )
    made.rule = Rule(needs=needs, contracts=contracts, denial=denial)
    return made(by) if by is not None else made


def lists(needs: Capability, description: str, *, where: Any, sort: Any = None) -> Any:
    """A root list: a page of all rows that the viewer may see."""
    made: Field = see(needs, description, where=where, sort=sort)
    made.is_root_list = True
    made.arguments = _page_arguments(made)
    return made


def of(entity: Entity) -> Callable[[T], T]:
    """A type whose sources are rows of `entity`; raises UndeclaredField at import for a field that it does not declare."""

    def decorate(cls: T) -> T:
        _own_inherited(cls)
        for name, made in vars(cls).items():
            if isinstance(made, Field) and made.base_resolver is None:
                made.entity, made.declared = entity, entity.declared(name)
                if isinstance(made.declared, Relation) and not made.declared.is_one:
                    made.arguments = _page_arguments(made)
        cls.is_type_of = classmethod(lambda _, source, __: isinstance(source, entity.model))  # type: ignore[attr-defined]
        return _described(cls)

    return decorate


@dataclass_transform(kw_only_default=True)
def value(cls: T) -> T:
    """A type of plain values: whoever may see the field that leads here may see them all."""
    for name in list(vars(cls).get("__annotations__", {})):
        made = vars(cls).get(name)
        if made is None:
            made = Field(type_annotation=None)
            setattr(cls, name, made)
        if isinstance(made, Field):
            made.is_value = True
    return _described(cls)


def plain(description: str, *, by: Callable[..., Any] | None = None, name: str | None = None) -> Any:
    """A field of a value type."""
    made = Field(description=description, graphql_name=name, type_annotation=None)
    made.is_value = True
    return made(by) if by is not None else made


def require_rules(schema: strawberry.Schema) -> None:
    """Raise UnruledField unless each field of each object type has a rule or belongs to a value type."""
    for kind in schema.schema_converter.type_map.values():
        definition = kind.definition
        if not isinstance(definition, strawberry.types.base.StrawberryObjectDefinition) or definition.is_input:
            continue
        for made in definition.fields:
            if not isinstance(made, Field) or (made.rule is None and not made.is_value):
                raise UnruledField(f"{definition.name}.{made.python_name} says nothing about who may see it.")


def _own_inherited(cls: type) -> None:
    """Give the type copies of its interfaces' fields: each type reads them from its own entity."""
    for base in cls.__mro__[1:]:
        definition: Any = getattr(base, "__strawberry_definition__", None)
        for made in definition.fields if definition else ():
            if made.python_name not in vars(cls):
                setattr(cls, made.python_name, copy.copy(made))
                cls.__annotations__[made.python_name] = base.__annotations__[made.python_name]


def _described(cls: T) -> T:
    description = " ".join((cls.__doc__ or "").split())
    return strawberry.type(cls, description=description)


def _denied(rule: Rule) -> None:
    if rule.denial is Denial.NULL:
        return
    raise Forbidden(f"This needs the capability {rule.needs.value}; ask a supervisor who holds it.")


def _page_arguments(made: Field) -> list[StrawberryArgument]:
    arguments = [
        _argument("first", int | None, "How many rows; see the largest page in the field's description."),
        _argument("after", str | None, "The cursor after which the page begins."),
    ]
    if made.metadata.get("where") is not None:
        arguments.append(_argument("where", made.metadata["where"] | None, "Which rows."))
    if made.metadata.get("sort") is not None:
        arguments.append(_argument("sort", made.metadata["sort"] | None, "In which order."))
    return arguments


def _argument(name: str, kind: Any, description: str) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(kind),
        description=description,
        default=None,
    )
