"""REST: webhooks and their messages."""

from __future__ import annotations

from http import HTTPStatus

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import exceptions, serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from common.api import ReadResource, ServiceSerializer
from kpi.hooks import services
from kpi.models import Delivery, Webhook
from kpi.rights import holders

LATEST = 50


class DeliverySerializer(serializers.ModelSerializer):
    year = serializers.IntegerField(source="cycle.year")

    class Meta:
        model = Delivery
        fields = ("id", "event", "year", "state", "attempts", "answer", "created_at", "tried_at", "next_at")


class WebhookSerializer(serializers.ModelSerializer):
    """An address; its secret is in the answer to its registration and to its renewal only."""

    holder = serializers.CharField(source="holder.code")

    class Meta:
        model = Webhook
        fields = ["id", "holder", "url", "active"]


class WebhookDetailSerializer(WebhookSerializer):
    """With its latest messages."""

    deliveries = serializers.SerializerMethodField()

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "deliveries"]

    @extend_schema_field(DeliverySerializer(many=True))
    def get_deliveries(self, hook: Webhook):
        return DeliverySerializer(hook.deliveries.select_related("cycle")[:LATEST], many=True).data


class WebhookInput(ServiceSerializer):
    holder = serializers.CharField(max_length=40)
    url = serializers.URLField(max_length=300)


class SwitchInput(ServiceSerializer):
    active = serializers.BooleanField()


class SecretSerializer(serializers.Serializer):
    """``secret`` signs the messages; it is shown in this answer and never again."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    secret = serializers.CharField()


class ResendInput(ServiceSerializer):
    delivery = serializers.IntegerField(min_value=1)


class Webhooks(ReadResource):
    """Addresses that are told when a year is published, with a signed message (docs/webhooks.md)."""

    nouns = Webhook.nouns
    rights = {"switch": "change", "renew": "change", "resend": "change"}
    queryset = Webhook.objects.select_related("holder")
    serializer_class = WebhookSerializer
    filterset_fields = ("active",)

    @extend_schema(responses=WebhookDetailSerializer)
    def retrieve(self, request, *args, **kwargs):
        """An address with its latest messages."""
        return Response(WebhookDetailSerializer(self.get_object()).data)

    def _kept(self, pk: str) -> Webhook:
        return self.access.get(Webhook.objects.select_related("holder"), "change", pk=pk)

    @extend_schema(request=WebhookInput, responses={201: SecretSerializer})
    def create(self, request):
        """Register an address."""
        units = {unit.code: unit for unit in holders(self.access, "add", "webhook")}
        if not units:
            raise exceptions.PermissionDenied
        given = WebhookInput(data=request.data)
        given.is_valid(raise_exception=True)
        holder = units.get(given.validated_data["holder"])
        if holder is None:
            raise exceptions.NotFound
        hook, secret = services.add_webhook(holder=holder, url=given.validated_data["url"], by=self.actor)
        return Response({"id": hook.pk, "url": hook.url, "secret": secret}, status=HTTPStatus.CREATED)

    @extend_schema(request=SwitchInput, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def switch(self, request, pk: str):
        """Switch an address on or off."""
        hook = self._kept(pk)
        given = SwitchInput(data=request.data)
        given.is_valid(raise_exception=True)
        active = given.validated_data["active"]
        return Response(WebhookSerializer(services.set_active(webhook=hook, active=active, by=self.actor)).data)

    @extend_schema(request=None, responses=SecretSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request, pk: str):
        """Another secret."""
        hook = self._kept(pk)
        return Response({"id": hook.pk, "url": hook.url, "secret": services.renew_secret(webhook=hook, by=self.actor)})

    @extend_schema(request=ResendInput, responses=DeliverySerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request, pk: str):
        """Send a message again that was not delivered."""
        hook = self._kept(pk)
        given = ResendInput(data=request.data)
        given.is_valid(raise_exception=True)
        delivery = get_object_or_404(hook.deliveries, pk=given.validated_data["delivery"])
        return Response(DeliverySerializer(services.resend(delivery=delivery, by=self.actor)).data)


ROUTES: list[tuple[str, type]] = [("webhooks", Webhooks)]
